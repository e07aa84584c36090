import { z } from "zod";
import type { Session } from "../sessions.js";
import { effectiveRoleOf } from "./account-rules.js";
import { domainRow } from "./domain-row.js";
import { logIn } from "./log-in.js";
import { method, type Call, type Interface } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { nothing } from "./schemas.js";

/** The interface Session. */
export const session: Interface = {
  login: method(
    z.object({
      userName: z.string(),
      password: z.string(),
      application: z.object({
        name: z.string().optional(),
        vendor: z.string().optional(),
        version: z.string().optional(),
      }),
    }),
    ({ userName, password }, call) => {
      const opened = logIn(call.engine, userName, password, call.clientAddress);
      call.headers["Set-Cookie"] = sessionCookies(opened);
      return { token: opened.token };
    },
  ),

  logout: method(nothing, (_, { engine, session: current }) => {
    if (current) engine.sessions.close(current.id);
    return { redirectUrl: "" };
  }),

  whoAmI: method(nothing, (_, call) => ({ userDetails: detailsOf(call) })),

  getDomain: method(nothing, (_, { engine, caller }) => {
    const domain = caller ? engine.domain(caller.domainId) : engine.primaryDomain;
    if (!domain) throw RpcError.missing("domain");
    const { id, name, description, passwordHistoryCount, passwordComplexityEnabled, passwordMinimumLength } = domain;
    const { passwordExpirationEnabled, passwordExpirationDays } = domainRow(engine, domain);
    return {
      domain: {
        id,
        name,
        displayName: name,
        description,
        passwordExpirationEnabled,
        passwordExpirationDays,
        passwordHistoryCount,
        passwordComplexityEnabled,
        passwordMinimumLength,
      },
    };
  }),

  getSettings: method(nothing, (_, { engine, session: current }) => ({
    settings: engine.state.settings.webSettings[current?.user?.id ?? ""] ?? {},
  })),

  setSettings: method(z.object({ settings: z.unknown() }), ({ settings }, { engine, session: current }) => {
    engine.state.settings.webSettings[current?.user?.id ?? ""] = settings;
    return {};
  }),
};

/** The two cookies of a login, the session's first: some clients keep nothing but the first. */
export function sessionCookies(session: Session): string[] {
  return [
    `SESSION_CONNECT_WEBADMIN=${session.id}; path=/admin/; secure; HttpOnly`,
    `TOKEN_CONNECT_WEBADMIN=${session.token}; path=/admin/; secure`,
  ];
}

function detailsOf(call: Call): object {
  const { caller, engine } = call;
  const right = (userRole: string) => ({ userRole, publicFolderRight: true, archiveFolderRight: true });
  if (!caller) {
    const name = engine.state.admin.userName;
    return { id: "", domainId: "", loginName: name, fullName: name, effectiveRole: right("BuiltInAdmin") };
  }
  return {
    id: caller.id,
    domainId: caller.domainId,
    loginName: caller.loginName,
    fullName: caller.fullName,
    effectiveRole: { ...caller.role, userRole: effectiveRoleOf(engine, caller) },
  };
}
