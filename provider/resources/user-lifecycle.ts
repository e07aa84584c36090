import type { Lifecycle } from "../dynamic/lifecycle";
import { checkUser } from "./user-check";
import { createUser } from "./user-create";
import { deleteUser } from "./user-delete";
import { diffUser } from "./user-diff";
import { readUserState } from "./user-read";
import { updateUser } from "./user-update";

/** What a user does in each step of its life. */
export const userLifecycle = {
  check: checkUser,
  diff: diffUser,
  create: createUser,
  read: readUserState,
  update: updateUser,
  delete: deleteUser,
} satisfies Lifecycle;
