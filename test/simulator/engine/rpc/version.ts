import { method, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

/** The version the engine speaks as: 10.0.9 Patch 2. `order` counts the releases of a type. */
export const productVersion = {
  productName: "Kerio Connect",
  major: 10,
  minor: 0,
  revision: 9,
  build: 10320,
  order: 2,
  releaseType: "Patch",
  displayNumber: "10.0.9.10320",
};

/** The interface Version. */
export const version: Interface = {
  getApiVersion: method(nothing, () => ({ apiVersion: 1 })),
  getProductVersion: method(nothing, () => ({ productVersion })),
};
