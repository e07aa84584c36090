import { crashShare } from "./matrix";

crashShare(3, 6);
