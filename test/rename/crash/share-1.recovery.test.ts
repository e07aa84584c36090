import { crashShare } from "./matrix";

crashShare(0, 6);
