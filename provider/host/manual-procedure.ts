/** What to do on a host that this package does not work on. */
export const manualProcedure =
  `The manual procedure is the vendor's article "Renaming a user account": ` +
  "http://manuals.gfi.com/en/kerio/connect/content/server-configuration/accounts/renaming-user-account-243.html";
