//! What a file of Rust takes from elsewhere in the crate, how long its functions are and which texts it has; its own
//! tests do not count.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Ident, ImplItemFn, Item, ItemFn, ItemUse, LitStr, Macro, Signature, UseTree, Visibility};

/// A path as it is written, such as `super`, `names`, `AppName`.
pub type Written = Vec<String>;

/// What was read from one file.
#[derive(Default)]
pub struct Imports {
    /// Paths into the crate.
    pub paths: Vec<Written>,
    /// Names that others find here, though they are defined elsewhere.
    pub passed_on: BTreeMap<String, Written>,
    /// Each function and how many lines it has.
    pub functions: Vec<(String, usize)>,
    /// Each string.
    pub texts: Vec<String>,
}

impl Imports {
    /// Reads the text of a file.
    pub fn read(text: &str) -> Self {
        let file = syn::parse_file(text).expect("Rust");
        let mut imports = Self::default();
        imports.visit_file(&file);
        imports
    }

    fn add(&mut self, path: Written) {
        if matches!(path.first().map(String::as_str), Some("crate" | "super" | "self" | "provision")) && path.len() > 1
        {
            self.paths.push(path);
        }
    }

    fn measure(&mut self, signature: &Signature, block: &Block) {
        let line = |span: Span| span.start().line;
        let lines = block.brace_token.span.close().end().line - line(signature.span()) + 1;
        self.functions.push((signature.ident.to_string(), lines));
    }

    /// Paths in what a macro is given, which is no syntax of Rust before the macro has seen it.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Written = vec![];
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if path.is_empty() || colons == 2 => path.push(name.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(name) => {
                    self.add(std::mem::take(&mut path));
                    path.push(name.to_string());
                }
                TokenTree::Group(group) => {
                    self.add(std::mem::take(&mut path));
                    self.scan(group.stream());
                }
                TokenTree::Literal(literal) => {
                    self.add(std::mem::take(&mut path));
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.texts.push(text.value());
                    }
                }
                TokenTree::Punct(_) => self.add(std::mem::take(&mut path)),
            }
            colons = 0;
        }
        self.add(path);
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            _ => &vec![],
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut leaves = vec![];
        flatten(&item.tree, &mut vec![], &mut leaves);
        for (name, path) in leaves {
            // A child that is named without `self::`.
            let path = if path.len() > 1 && !matches!(path[0].as_str(), "crate" | "super" | "self" | "provision") {
                [vec!["self".to_owned()], path].concat()
            } else {
                path
            };
            if matches!(item.vis, Visibility::Inherited) {
                self.add(path);
            } else {
                self.passed_on.insert(name, path);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// `#[serde(with = "crate::…")]` has its path in a text.
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        for text in attribute.to_token_stream().to_string().split('"').filter(|text| text.starts_with("crate::")) {
            self.add(text.split("::").map(ToOwned::to_owned).collect());
        }
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        self.scan(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.texts.push(text.value());
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|word| word == "test")
}

/// Every name that a `use` brings, and its path.
fn flatten(tree: &UseTree, before: &mut Written, leaves: &mut Vec<(String, Written)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((before.last().cloned().unwrap_or_default(), before.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            leaves.push((name.clone(), [before.clone(), vec![name]].concat()));
        }
        UseTree::Rename(rename) => {
            leaves.push((rename.rename.to_string(), [before.clone(), vec![rename.ident.to_string()]].concat()));
        }
        UseTree::Glob(_) => leaves.push(("*".to_owned(), before.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, before, leaves)),
    }
}
