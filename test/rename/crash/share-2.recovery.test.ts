import { crashShare } from "./matrix";

crashShare(1, 6);
