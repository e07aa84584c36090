import { crashShare } from "./matrix";

crashShare(5, 6);
