import { crashShare } from "./matrix";

crashShare(2, 6);
