//! The TypeScript of the contract, as one file.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use ts_rs::{Config, TS, TypeVisitor};

use crate::{Code, CommandVisitor, Error, Event, visit_commands};

/// All types that cross, and the map of commands, as a TypeScript module.
pub fn typescript() -> String {
    let mut module = Module {
        config: Config::new().with_large_int("number"),
        seen: HashSet::new(),
        declarations: BTreeMap::new(),
        commands: String::new(),
    };
    module.add::<Error>();
    module.add::<Code>();
    module.add::<Event>();
    visit_commands(&mut module);

    let mut out = String::from("// Made from server/api. Do not edit: run `make types`.\n\n");
    for declaration in module.declarations.values() {
        let _ = writeln!(out, "export {declaration}\n");
    }
    let _ = writeln!(out, "export interface Commands {{\n{}}}\n", module.commands);
    out.push_str("export type Method = keyof Commands;\n");
    out.push_str("export type Params<M extends Method> = Commands[M]['params'];\n");
    out.push_str("export type Reply<M extends Method> = Commands[M]['reply'];\n");
    let _ = writeln!(out, "\nexport const SECRET = '{}';", crate::SECRET);
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("  '{}',\n", code.id())).collect();
    let _ = write!(out, "\nexport const CODES: readonly Code[] = [\n{}];\n", codes.concat());
    out
}

struct Module {
    config: Config,
    seen: HashSet<TypeId>,
    declarations: BTreeMap<String, String>,
    commands: String,
}

impl Module {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            self.declarations.insert(T::ident(&self.config), T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl TypeVisitor for Module {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

impl CommandVisitor for Module {
    fn command<P: TS + 'static, R: TS + 'static>(&mut self, id: &str) {
        self.add::<P>();
        self.add::<R>();
        let (params, reply) = (P::name(&self.config), R::name(&self.config));
        let _ = writeln!(self.commands, "  '{id}': {{ params: {params}; reply: {reply} }};");
    }
}
