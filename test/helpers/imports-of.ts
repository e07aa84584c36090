import * as ts from "typescript";

/** One import in a source. */
export interface ImportOf {
  /** As it is written: a path, or the name of a package. */
  specifier: string;
  /** Whether nothing of it is left when the source is compiled. */
  typeOnly: boolean;
}

/**
 * What a source imports, in whatever form: `import` and `export … from`, `import "x"`, `import("x")` as a value and as a
 * type, `import x = require("x")`, and `require("x")`. A specifier that is no plain text cannot be followed: it is told
 * as the expression that it is, in parentheses.
 */
export function importsOf(text: string): ImportOf[] {
  const found: ImportOf[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined) return;
    found.push({
      specifier: ts.isStringLiteralLike(specifier) ? specifier.text : `(${specifier.getText()})`,
      typeOnly,
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, true);
    else if (ts.isCallExpression(node) && isImport(node.expression)) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true));
  return found;
}

function isImport(called: ts.Expression): boolean {
  return called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === "require");
}
