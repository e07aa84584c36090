import { method, type Interface } from "./method.js";
import { nothing } from "./schemas.js";

/** The version the engine speaks as. */
export const productVersion = {
  productName: "Kerio Connect",
  major: 10,
  minor: 0,
  revision: 9,
  build: 10320,
  order: 0,
  releaseType: "Final",
  displayNumber: "10.0.9.10320",
};

/** The interface Version. */
export const version: Interface = {
  getApiVersion: method(nothing, () => ({ apiVersion: 1 })),
  getProductVersion: method(nothing, () => ({ productVersion })),
};
