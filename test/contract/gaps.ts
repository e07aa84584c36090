/** What public sources leave open without a switch: what it is, and why there is none. */
export const gaps: readonly { gap: string; why: string }[] = [
  {
    gap: "The fields of two-factor authentication and of application passwords, and what a rename makes of them",
    why: "that they exist is all that is published: there is no member to show, to take or to lose",
  },
  {
    gap: "What the full-text index goes by on the disk, the name or the id",
    why: "the stand-in keeps no index, and searches the mail itself; the real one has a path of its own beside the mail, and can be made anew for one user",
  },
  {
    gap: "What a directory service makes of a renamed account",
    why: "there is none here, and a rename of an account that comes from one is refused",
  },
  {
    gap: "What the owner's own line in `status.fld` does, which names the old address after a rename",
    why: "the vendor's own procedure leaves it as it is, and could not be followed if it did harm: the owner opens the folder all the same",
  },
  {
    gap: "The methods of ConnectCertificate, Content, Delivery, Dumps, InstantMessaging and UserVoice",
    why: "the definition lists these interfaces; which methods they have is not among what is cited here. Any name is answered as one that is not there yet",
  },
  {
    gap: "The types of `subscription` in Server.getAboutInfo, of the times in Queue.get, of the dates in ProductRegistration.getFullStatus, and of `freeSpace` in Init.getMessageStorePath",
    why: "their names are published and their types are not; whatever else stood there would be a guess as well",
  },
  {
    gap: "How `users.cfg` names what an account, a group or an alias has beyond what is published, the value of `Rights` for an account administrator, and where the ids stand",
    why: "no source has a whole record, and nothing but the server itself reads these variables: the provider never does",
  },
  {
    gap: "What another value of a write-once member is answered with: the name or the domain of a domain, a list or a resource",
    why: "that it has no effect is documented, and it has none here: another name is refused, another domain is not heeded. A group's domain is not marked, and is treated alike",
  },
  {
    gap: "What the methods of Init answer after the set-up, and the code for a query that cannot be",
    why: "that they do not work then is documented. Access denied and invalid parameters are what the product has for such calls; nothing rests on the number",
  },
  {
    gap: "Where the data of instant messaging lies",
    why: "that it goes with the account, however that is removed, is documented. The stand-in keeps none: what somebody puts into `#im` of a mailbox is all it can remove",
  },
  {
    gap: "Whether guesses at passwords are counted from the start",
    why: "the number and the time are documented, and `SecurityPolicy.set` turns it on. It is off at first: every client here comes from one address",
  },
  {
    gap: "The variables of `mailserver.cfg` for other parts: `LogGlobal`, `Port`, `DKIMDomainWhiteList`",
    why: "what somebody writes there is kept and has no effect. The logs stay in the store, and the ports of a machine that others use too are given at the start",
  },
  {
    gap: "What `userPostingNotification` and `sendErrorsToModerator` of a list send, how a moderator lets a mail pass, and whether a moderator who is no member gets what is posted",
    why: "they are known by name. Who may post has the switch `list-posting`; beside that nothing is sent, nothing that the moderators have got goes on to the list, and they get what members get",
  },
  {
    gap: "Whose the files of the store are",
    why: "the unit names no user, so they are root's; a stand-in that does not run as root cannot give them to anybody else. Their modes have the switch `file-modes`",
  },
  {
    gap: "Which of a group, a list and a resource with one address takes its mail, and which of several aliases whose wildcards fit",
    why: "that one wins is documented, for accounts and aliases it has the switches `alias-or-user` and `name-or-address`. The others follow them here in the order of the definition. Of the aliases each that fits takes a copy, and `*` takes what no other fits",
  },
  {
    gap: "What creating an alias to a public folder that does not exist is answered with",
    why: "that an alias has the id of its folder is documented, for folders that exist. Here it is created without an id, and the first mail makes the folder",
  },
  {
    gap: "Whether an account may be without a password, and whether one can log in to it then",
    why: "every create that is published brings one. Without it the rules for passwords decide here as they do over an empty one, and an empty password opens nothing",
  },
];
