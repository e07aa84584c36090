import { crashShare } from "./matrix";

crashShare(4, 6);
