/// The names under which models are asked for.
package struct ModelTable: Sendable, Equatable {
    /// The model that is served, by the name that is asked for. No target is itself an alias: the configuration sees to
    /// that.
    package let aliases: [String: String]

    /// The names `aliases`; a target that is an alias too is not looked up again.
    package init(aliases: [String: String] = [:]) { self.aliases = aliases }

    /// The model that is served to who asks for `asked`: an alias's target, else `asked` itself.
    package func served(_ asked: String) -> String { aliases[asked] ?? asked }
}
