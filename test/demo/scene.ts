import type { AdminCaller } from "../helpers/admin-caller";

/** The mail domain of the demo, and how things in it are found through the server's API. */
export const mailDomain = {
  name: "example.com",
  /** Throws when the server does not have it. */
  async id(admin: AdminCaller): Promise<string> {
    const { list } = await admin.call<{ list: { id: string; name: string }[] }>("Domains.get", { query: {} });
    return idOf(list.find(({ name }) => name === mailDomain.name));
  },
  /** The id of an account; throws when there is none of that name. */
  async userId(admin: AdminCaller, login: string): Promise<string> {
    const domainId = await mailDomain.id(admin);
    const { list } = await admin.call<{ list: { id: string; loginName: string }[] }>("Users.get", {
      query: { fields: ["id", "loginName"] },
      domainId,
    });
    return idOf(list.find(({ loginName }) => loginName === login));
  },
};

/** Mail that lies in the mailboxes before anything is renamed. */
export const firstMail = [
  { from: "office@example.org", to: "jdoe@example.com", subject: "Welcome" },
  { from: "bank@example.org", to: "jdoe@example.com", subject: "Your statement" },
  { from: "office@example.org", to: "info@example.com", subject: "An offer, please" },
  { from: "office@example.org", to: "asmith@example.com", subject: "Welcome" },
  { from: "office@example.org", to: "bdoe@example.com", subject: "Minutes of Monday" },
];

function idOf(row: { id: string } | undefined): string {
  if (!row) throw new Error("the server does not have what the demo has made there");
  return row.id;
}
