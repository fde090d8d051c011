/// The aliases of models.
package struct ModelTable: Sendable, Equatable {
    /// The served model by alias. The configuration allows no alias as a target.
    package let aliases: [String: String]

    /// A table with these aliases. A target that is an alias too is not replaced again.
    package init(aliases: [String: String] = [:]) { self.aliases = aliases }

    /// The target of the alias `asked`, else `asked` itself.
    package func served(_ asked: String) -> String { aliases[asked] ?? asked }
}
