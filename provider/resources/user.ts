import * as pulumi from "@pulumi/pulumi";
import { bridge } from "../dynamic/bridge";
import { logicalName, refuseWrongConfiguration } from "./program-side";
import type { UserArgs } from "./user-args";
import type { UserInputs } from "./user-fields";

const provider = bridge("user");

/** Names of everything that a user's state holds, so that each becomes an output. */
const outputs = {
  server: undefined,
  domain: undefined,
  name: undefined,
  fullName: undefined,
  description: undefined,
  enabled: undefined,
  allowPasswordChange: undefined,
  passwordReversible: undefined,
  authentication: undefined,
  role: undefined,
  emailAddresses: undefined,
  forwarding: undefined,
  groups: undefined,
  itemLimit: undefined,
  diskQuota: undefined,
  outgoingMessageLimit: undefined,
  domainOnly: undefined,
  publishInGal: undefined,
  cleanOut: undefined,
  accessPolicy: undefined,
  companyContactId: undefined,
  contact: undefined,
  password: undefined,
  defaultSpamRule: undefined,
  keepOldAddress: undefined,
  onDelete: undefined,
  adopt: undefined,
  adoptMailbox: undefined,
  renamedFrom: undefined,
  userId: undefined,
  address: undefined,
  previousNames: undefined,
  initialPassword: undefined,
  mailboxPath: undefined,
  managed: undefined,
};

/**
 * A mail user of a Kerio Connect server. A changed `name` renames the mailbox: the preview shows a replacement, says
 * what will happen, and `pulumi up` carries out the vendor's procedure.
 *
 * @example
 * const jdoe = new User("jdoe", { domain: "example.com", name: "jdoe", fullName: "J. Doe" });
 * export const address = jdoe.address;
 */
export class User extends pulumi.dynamic.Resource {
  declare readonly domain: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly server: pulumi.Output<string | undefined>;
  declare readonly fullName: pulumi.Output<string | undefined>;
  declare readonly description: pulumi.Output<string | undefined>;
  declare readonly enabled: pulumi.Output<boolean | undefined>;
  declare readonly allowPasswordChange: pulumi.Output<boolean | undefined>;
  declare readonly passwordReversible: pulumi.Output<boolean | undefined>;
  declare readonly authentication: pulumi.Output<UserInputs["authentication"]>;
  declare readonly role: pulumi.Output<UserInputs["role"]>;
  declare readonly emailAddresses: pulumi.Output<string[] | undefined>;
  declare readonly forwarding: pulumi.Output<UserInputs["forwarding"]>;
  declare readonly groups: pulumi.Output<string[] | undefined>;
  declare readonly itemLimit: pulumi.Output<number | "unlimited" | undefined>;
  declare readonly diskQuota: pulumi.Output<string | undefined>;
  declare readonly outgoingMessageLimit: pulumi.Output<string | undefined>;
  declare readonly domainOnly: pulumi.Output<boolean | undefined>;
  declare readonly publishInGal: pulumi.Output<boolean | undefined>;
  declare readonly cleanOut: pulumi.Output<UserInputs["cleanOut"]>;
  declare readonly accessPolicy: pulumi.Output<string | undefined>;
  declare readonly companyContactId: pulumi.Output<string | undefined>;
  declare readonly contact: pulumi.Output<UserInputs["contact"]>;
  /** The declared password, a secret. */
  declare readonly password: pulumi.Output<string | undefined>;
  declare readonly defaultSpamRule: pulumi.Output<boolean | undefined>;
  declare readonly keepOldAddress: pulumi.Output<boolean | undefined>;
  declare readonly onDelete: pulumi.Output<UserInputs["onDelete"]>;
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  declare readonly adoptMailbox: pulumi.Output<boolean | undefined>;
  /** The name the account had before, when it came from a rename. */
  declare readonly renamedFrom: pulumi.Output<string | undefined>;
  /** The server's id of the account. A rename gives a new one. */
  declare readonly userId: pulumi.Output<string>;
  /** The whole address, known in previews. */
  declare readonly address: pulumi.Output<string>;
  /** Earlier names of the account, the oldest first. */
  declare readonly previousNames: pulumi.Output<string[]>;
  /** The password the server made, where the program gave none; a secret. */
  declare readonly initialPassword: pulumi.Output<string | undefined>;
  /** Directory of the mailbox on the mail host; made at the first delivery or login. */
  declare readonly mailboxPath: pulumi.Output<string>;
  /** Names of the fields that the program manages. */
  declare readonly managed: pulumi.Output<string[] | undefined>;

  /**
   * Looks up a user that exists, without managing it.
   *
   * @param name the resource's logical name
   * @param id the server's id of the account, or its address
   * @param state where to look: the name of the server in `kerio:servers`
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: { server?: pulumi.Input<string> } = {},
    opts?: pulumi.CustomResourceOptions,
  ): User {
    // Domain and name are what the server answers.
    return new User(name, state as UserArgs, { ...opts, id });
  }

  /**
   * @param name the resource's logical name
   * @param args what is declared; what is left out is not managed
   * @param opts options of the engine; `docs/resources/user.md` says which have no effect
   * @throws RunError with the `code` `CONFIG_NOT_SECRET` when a password of the stack's configuration stands there in clear
   * text, `CONFIG_INVALID` when there is a setting that nothing reads
   */
  constructor(name: string, args: UserArgs, opts: pulumi.CustomResourceOptions = {}) {
    refuseWrongConfiguration();
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    // A looked-up user must not seem to be a declared one.
    const hidden = opts.id === undefined ? { logicalName: logicalName(name, opts.parent) } : {};
    const secrets = ["password", "initialPassword", ...(opts.additionalSecretOutputs ?? [])];
    super(
      provider,
      name,
      { ...outputs, ...args, password, ...hidden },
      { ...opts, additionalSecretOutputs: secrets },
      "kerio",
      "User",
    );
  }
}
