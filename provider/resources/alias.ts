import * as pulumi from "@pulumi/pulumi";
import { bridge } from "../dynamic/bridge";
import { logicalName, refuseWrongConfiguration } from "./program-side";

/** What a program declares about an alias. */
export interface AliasArgs {
  /** Mail domain in lower case. Required. A change makes a new alias. */
  domain: pulumi.Input<string>;
  /** Local part, in lower case; `*` stands for any run of characters and `?` for one. Required. A change makes a new alias. */
  name: pulumi.Input<string>;
  /**
   * Where the mail goes: the local part of a user, group or alias of the domain, a whole address, or a public folder
   * such as `#public/Info`. Required. Updated in place.
   */
  deliverTo: pulumi.Input<string>;
  /** Free text that only administrators see. Left out, it is not managed. Updated in place. */
  description?: pulumi.Input<string>;
  /** Name of the mail server in `kerio:servers`; the default is the stack's own. A change makes a new alias. */
  server?: pulumi.Input<string>;
}

const provider = bridge("alias");

/**
 * A second address that delivers somewhere else. An identical alias that exists already (the one a rename has left,
 * say) is taken over; another one of the same name is an error that shows it.
 *
 * @example
 * new Alias("info", { domain: "example.com", name: "info", deliverTo: jdoe.address });
 */
export class Alias extends pulumi.dynamic.Resource {
  declare readonly domain: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly deliverTo: pulumi.Output<string>;
  declare readonly description: pulumi.Output<string | undefined>;
  declare readonly server: pulumi.Output<string | undefined>;
  /** The whole address, known in previews. */
  declare readonly address: pulumi.Output<string>;

  /**
   * @param name the resource's logical name
   * @throws RunError with the `code` `CONFIG_NOT_SECRET` when a password of the stack's configuration stands there in clear
   * text, `CONFIG_INVALID` when there is a setting that nothing reads
   */
  constructor(name: string, args: AliasArgs, opts?: pulumi.CustomResourceOptions) {
    refuseWrongConfiguration();
    const outputs = { address: undefined };
    super(
      provider,
      name,
      { description: undefined, server: undefined, ...args, ...outputs, logicalName: logicalName(name, opts?.parent) },
      opts,
      "kerio",
      "Alias",
    );
  }
}
