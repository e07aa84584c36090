import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BareEngine } from "./bare-engine";

let bare: BareEngine;
beforeEach(() => (bare = new BareEngine()));
afterEach(() => bare.remove());

const upload = (text: string) => {
  bare.engine.uploads.set("keriodb://upload/1", Buffer.from(text));
  return "keriodb://upload/1";
};
const fetched = ({ url, length }: { url: string; length: number }) => {
  const file = bare.engine.downloads.at(url);
  expect(file?.content).toHaveLength(length);
  return file?.content.toString() ?? "";
};

describe("users as files", () => {
  it("come in from a list, each judged by itself", async () => {
    await bare.user("jdoe");
    await bare.call("Groups.create", { groups: [{ domainId: bare.domain, name: "all" }] });
    const text =
      "Name;Password;FullName;MailAddress;Groups;Description\r\n" +
      'asmith;Se-cr3t!;"Smith; Ann";ann,a.smith;all,none;sales\r\nJDoe;;;;;\r\nwith space;;;;;\r\nasmith;;;;;\r\n';
    const { users } = await bare.call("Users.parseFromCsv", { fileId: upload(text), domainToImport: bare.domain });
    expect(users.map((each: { isImportable: boolean }) => each.isImportable)).toEqual([true, false, false, false]);
    expect(users[0].userItem).toMatchObject({
      loginName: "asmith",
      password: "Se-cr3t!",
      fullName: "Smith; Ann",
      description: "sales",
      emailAddresses: ["ann", "a.smith"],
      userGroups: [{ name: "all" }],
      publishInGal: true,
    });
    expect(users[1].message).toMatchObject({ message: "%1 already exists.", positionalParameters: ["JDoe"] });
    expect(bare.engine.state.users).toHaveLength(1);
    const created = await bare.call("Users.create", { users: [users[0].userItem] });
    expect(created.errors).toEqual([]);
    const commas = upload("Name,FullName,MailAddress\nbdoe,Bob,b1;b2\n");
    const second = await bare.call("Users.parseFromCsv", { fileId: commas, domainToImport: bare.domain });
    expect(second.users[0].userItem.emailAddresses).toEqual(["b1", "b2"]);
  });

  it("that are no list, or not there, are refused", async () => {
    const parse = (fileId: string) => bare.call("Users.parseFromCsv", { fileId, domainToImport: bare.domain });
    await expect(parse("none")).rejects.toThrow("(1002)");
    await expect(parse(upload("just a line\nand another"))).rejects.toThrow("(1000)");
    await expect(parse(upload('Name;"broken\nx'))).rejects.toThrow("(1000)");
  });

  it("go out as they came in, without passwords", async () => {
    await bare.user("jdoe", { fullName: "Doe; Jane", emailAddresses: ["jane", "j.doe"] });
    await bare.user("asmith", { isEnabled: false });
    const query = { conditions: [{ fieldName: "isEnabled", comparator: "Eq", value: "true" }] };
    const { fileDownload } = await bare.call("Users.exportToCsv", {
      filename: "people.csv",
      query,
      domainId: bare.domain,
    });
    expect(fileDownload).toMatchObject({ name: "people.csv" });
    const text = fetched(fileDownload);
    expect(text.split("\r\n")).toEqual([
      "Name;Password;FullName;MailAddress;Groups;Description",
      'jdoe;;"Doe; Jane";jane,j.doe;;',
      "",
    ]);
    const again = await bare.call("Users.parseFromCsv", { fileId: upload(text), domainToImport: bare.domain });
    expect(again.users[0].userItem).toMatchObject({ fullName: "Doe; Jane", emailAddresses: ["jane", "j.doe"] });
    for (const format of ["TypeCsv", "TypeXml"]) {
      const statistics = await bare.call("Users.exportStatistics", { userIds: [], format });
      expect(fetched(statistics.fileDownload)).toContain("jdoe@example.com");
    }
    await bare.call("Downloads.remove", { url: fileDownload.url });
    expect(bare.engine.downloads.at(fileDownload.url)).toBeUndefined();
    await expect(bare.call("Downloads.remove", { url: fileDownload.url })).rejects.toThrow("(1002)");
  });
});

describe("members of a list as files", () => {
  it("go out and come in, local people by their ids", async () => {
    const jdoe = await bare.user("jdoe", { fullName: "Jane" });
    const { result } = await bare.call("MailingLists.create", {
      mailingLists: [{ domainId: bare.domain, name: "news" }],
    });
    const mlId = result[0].id;
    const members = [
      { hasId: true, userId: jdoe.id, kind: "Member" },
      { hasId: false, emailAddress: "a@example.org", fullName: "A", kind: "Member" },
      { hasId: false, emailAddress: "m@example.org", kind: "Moderator" },
    ];
    await bare.call("MailingLists.addMlUserList", { members, mlId });
    const { fileDownload } = await bare.call("MailingLists.exportMlUsersToCsv", { kind: "Member", mlId });
    const text = fetched(fileDownload);
    expect(text).toBe("Email;FullName;Kind\r\njdoe@example.com;Jane;Member\r\na@example.org;A;Member\r\n");
    const read = await bare.call("MailingLists.getMlUserListFromCsv", { fileId: upload(text), mlToImport: mlId });
    expect(read.members).toMatchObject([
      { hasId: true, userId: jdoe.id, emailAddress: "" },
      { hasId: false, userId: "", emailAddress: "a@example.org", fullName: "A" },
    ]);
  });
});
