import type { PersonalContact, User, UserPattern } from "../kerio/methods/users";

/** The account a rename starts from. The id decides; the name alone never does. */
export interface RenameSource {
  /** Local part of the old address. */
  name: string;
  /** The server's id of the old account; left out only where a person wrote `renamedFrom` by hand. */
  userId?: string;
}

/** One `create` call of a user resource, in the server's own terms. */
export interface UserRequest {
  /** Domain name, for example `example.com`. */
  domain: string;
  /** Local part of the address. */
  name: string;
  /** Declared settings only; name, domain, password, groups and access policy stand in fields of their own. */
  declared: UserPattern;
  /** Group names; left out means "not managed". */
  groups?: string[];
  /** Name of the access policy. */
  accessPolicy?: string;
  /** Declared contact fields only. */
  contact?: Partial<PersonalContact>;
  /** Clear text, never logged; left out means that the server generates one. */
  password?: string;
  /** Whether a new account gets the rule that moves spam to the junk folder; a rename keeps the mailbox's own rules. */
  defaultSpamRule?: boolean;
  /** Present when this create is a rename. */
  renamedFrom?: RenameSource;
  /** Whether a rename leaves an alias under the old name. */
  keepOldAddress: boolean;
  /** Whether an existing account of this name is taken over. */
  adopt: boolean;
  /** Whether a mailbox directory without an account may become this account's. */
  adoptMailbox: boolean;
}

/** What a create ended with, as observed on the server afterwards. */
export interface UserResult {
  /** The server's id of the account. */
  userId: string;
  /** Whole address. */
  address: string;
  /** Directory of the mailbox on the mail host; it may not exist before the first delivery or login. */
  mailboxPath: string;
  /** The password that was generated, where the program gave none. */
  initialPassword?: string;
  /** Sentences for the user. */
  notes: string[];
}

/** A rename that the engine has been told about but that has not been carried out. */
export interface AnnouncedRename {
  domain: string;
  from: string;
  to: string;
  /** The server's id of the account, where it is known. */
  fromId?: string;
}

/** Answers of the preview questions. */
export interface Findings {
  /** Reasons why it cannot be done, each a whole sentence that says what to do. */
  refusals: string[];
  /** What a person should know, each a whole sentence. */
  warnings: string[];
}

/** What became of an account that is not found under its id. */
export type Fate =
  /** No rename of that id is known, or the engine has heard its result. */
  | { kind: "gone" }
  /** A rename of that id was finished and the engine never heard of it. */
  | {
      kind: "renamed";
      user: User;
      from: string;
      hasProgramsPassword: boolean;
      /** Whether the host waits for no word of the engine any more. */
      isClosed: boolean;
      /** Whether a run has seen its end; otherwise the next one still has something to do. */
      isFinished: boolean;
    }
  /** A rename of that id stopped half-way. */
  | { kind: "open"; detail: string }
  /** SSH is configured, but the host could not be asked. */
  | { kind: "unreachable"; detail: string };
