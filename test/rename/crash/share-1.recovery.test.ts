import { crashShare } from "./matrix";

crashShare(0, 4);
