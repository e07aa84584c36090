import { z } from "zod";
import { method, type Call, type Interface } from "./method.js";
import { effectiveRoleOf, rankOf } from "./account-rules.js";
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
      const { engine } = call;
      const login = engine.sessions.judge(engine, userName, password);
      engine.truth.write("logins", { door: "admin", user: userName, outcome: login.outcome });
      if (login.outcome !== "in") {
        throw new RpcError(engine.switches.number("login-refused-code"), "Username or password is not correct.");
      }
      if (login.user && rankOf(effectiveRoleOf(engine, login.user)) === 0) throw RpcError.denied();
      const opened = engine.sessions.open(userName, login.user);
      call.headers["Set-Cookie"] = [
        `SESSION_CONNECT_WEBADMIN=${opened.id}; path=/admin/; secure; HttpOnly`,
        `TOKEN_CONNECT_WEBADMIN=${opened.token}; path=/admin/; secure`,
      ];
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
    return {
      domain: {
        id,
        name,
        displayName: name,
        description,
        passwordExpirationEnabled: false,
        passwordExpirationDays: 0,
        passwordHistoryCount,
        passwordComplexityEnabled,
        passwordMinimumLength,
      },
    };
  }),

  getSettings: method(nothing, (_, { engine, session: current }) => ({
    settings: engine.state.settings.webSettings[current?.login ?? ""] ?? {},
  })),

  setSettings: method(z.object({ settings: z.unknown() }), ({ settings }, { engine, session: current }) => {
    engine.state.settings.webSettings[current?.login ?? ""] = settings;
    return {};
  }),
};

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
