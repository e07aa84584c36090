import type { Input } from "@pulumi/pulumi";
import type { ContactArgs } from "./contact";

/** Rights of a user in the administration and on shared folders. */
export interface RoleArgs {
  /**
   * `none`, `auditor` (may look at everything), `accounts` (users, groups, aliases, lists) or `full`. The default is
   * `none`. Updated in place.
   */
  administration?: Input<"none" | "auditor" | "accounts" | "full">;
  /** Whether the user administers public folders. The default is false. Updated in place. */
  publicFolders?: Input<boolean>;
  /** Whether the user administers archive folders. The default is false. Updated in place. */
  archiveFolders?: Input<boolean>;
}

/** Where a user's mail is sent on. */
export interface ForwardingArgs {
  /** Mail addresses, at least one. Updated in place, as a whole. */
  to: Input<Input<string>[]>;
  /** Whether the mail also stays in the user's own mailbox. The default is true. Updated in place. */
  keepCopy?: Input<boolean>;
}

/** After how many days items are removed by themselves; false, the default of each, is never. At most 24855. */
export interface CleanOutArgs {
  /** Items of the folder for deleted items: days, or false. Updated in place. */
  deletedItems?: Input<number | false>;
  /** Items of the folder for junk mail: days, or false. Updated in place. */
  junkEmail?: Input<number | false>;
  /** Items of the folder for sent items: days, or false. Updated in place. */
  sentItems?: Input<number | false>;
  /** All items of the mailbox: days, or false. Updated in place. */
  allItems?: Input<number | false>;
}

/**
 * What a program declares about a user. A field that is left out is not managed: the server's default at creation,
 * no difference whatever happens to it later, carried over by a rename.
 */
export interface UserArgs {
  /** Mail domain in lower case, for example `example.com`. Required. A change is refused. */
  domain: Input<string>;
  /**
   * Local part of the address in lower case: letters, digits, dots, hyphens, underscores. Required. A change renames
   * the mailbox: the preview shows a replacement and says what will happen.
   */
  name: Input<string>;
  /** Name of the mail server in `kerio:servers`; the default is the stack's own. A change is refused. */
  server?: Input<string>;

  /** Full name. Updated in place. */
  fullName?: Input<string>;
  /** Free text that only administrators see. Updated in place. */
  description?: Input<string>;
  /**
   * Whether the account can be used; a disabled one needs no licence seat, and the server's backups leave it out. Whether
   * it still gets mail is not documented. Left out, a new account is enabled. Updated in place.
   */
  enabled?: Input<boolean>;
  /**
   * Password, a secret in state even when the program passes a plain text. Updated in place. Left out, the server
   * makes one, see `initialPassword`. The server never tells a password, so a change made there is not seen.
   */
  password?: Input<string>;
  /** Whether the user may change the password. Updated in place. */
  allowPasswordChange?: Input<boolean>;
  /** Whether the server stores the password so that it can be turned back into clear text. Updated in place. */
  passwordReversible?: Input<boolean>;
  /** How the server checks the password. A user with another than `"internal"` cannot be renamed. Updated in place. */
  authentication?: Input<"internal" | "windows" | "pam" | "kerberos" | "apple" | "ldap">;
  /** Rights in the administration. A plain text such as `"auditor"` grants no folder rights. Updated in place. */
  role?: Input<"none" | "auditor" | "accounts" | "full" | RoleArgs>;
  /** Further addresses: local parts, or whole addresses of the same domain. Updated in place, as a whole. */
  emailAddresses?: Input<Input<string>[]>;
  /** Where mail is sent on, or `"none"`. Updated in place. */
  forwarding?: Input<"none" | ForwardingArgs>;
  /** Names of the groups of the domain that the user belongs to. Updated in place, as a whole. */
  groups?: Input<Input<string>[]>;
  /** How many items the mailbox may hold, or `"unlimited"`. Updated in place. */
  itemLimit?: Input<number | "unlimited">;
  /** How large the mailbox may be, such as `"500 MB"` or `"2 GB"` (1 KB is 1024 bytes), or `"unlimited"`. Updated in place. */
  diskQuota?: Input<string>;
  /** How large an outgoing message may be, such as `"20 MB"`, or `"unlimited"`. Updated in place. */
  outgoingMessageLimit?: Input<string>;
  /** Whether the user can send and receive mail inside the domain only. Updated in place. */
  domainOnly?: Input<boolean>;
  /** Whether the user stands in the global address list. Updated in place. */
  publishInGal?: Input<boolean>;
  /** When old items are removed by themselves, or `"domain"` for the domain's rule. Updated in place. */
  cleanOut?: Input<"domain" | CleanOutArgs>;
  /** Name of the access policy. Updated in place. */
  accessPolicy?: Input<string>;
  /**
   * The server's id of the company contact that belongs to the user, as the server gives it, or `""` for none. Updated
   * in place.
   */
  companyContactId?: Input<string>;
  /** The person's entry in the address list. Each field that is given is managed, no other. Updated in place. */
  contact?: Input<ContactArgs>;

  /**
   * Whether a new account gets the rule that moves spam to the junk folder; the server's default when left out. Heeded
   * when an account is created, never afterwards: the person's own rules are in the mailbox, and a rename keeps them.
   */
  defaultSpamRule?: Input<boolean>;
  /** Whether a rename leaves an alias under the old name. The default is true. A change touches no account. */
  keepOldAddress?: Input<boolean>;
  /**
   * What happens to the mail when the user is removed: `"keepMail"` (the default: the directory stays in the store),
   * `"deleteMail"`, or `{ moveMailTo: name }` into the mailbox of another user of the domain. A change touches no
   * account.
   */
  onDelete?: Input<"keepMail" | "deleteMail" | { moveMailTo: Input<string> }>;
  /**
   * The name that the account has so far. Normally filled in when `name` changes; to be written by hand when the
   * state was lost, or the resource's own name has changed. Heeded when the resource is made, never afterwards.
   */
  renamedFrom?: Input<string>;
  /** Whether an account of that name that exists already is taken over. The default is false. Heeded at creation. */
  adopt?: Input<boolean>;
  /**
   * Whether a new account may take over a mailbox directory of that name that no account owns: a leaver's mail. The
   * default is false. Heeded at creation.
   */
  adoptMailbox?: Input<boolean>;
}
