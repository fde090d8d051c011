/// The aliases of models: whole names, and patterns for names that programs have built in, as `claude-*`.
package struct ModelTable: Sendable, Equatable {
    /// A pattern, and the model that every name which matches it means.
    private struct Pattern: Sendable, Equatable {
        let names: NamePattern
        let target: String
    }

    /// The served model by alias, for aliases that are whole names. The configuration allows no alias as a target.
    package let aliases: [String: String]
    /// The aliases with a `*`, the longest first.
    private let patterns: [Pattern]
    /// The names that no pattern is asked about: the aliases, and the models that any alias means.
    private let names: [String: String]

    /// A table with these aliases. A target that is an alias too is not replaced again.
    package init(aliases: [String: String] = [:]) {
        self.aliases = aliases.filter { !NamePattern($0.key).isPattern }
        patterns = aliases.map { Pattern(names: NamePattern($0.key), target: $0.value) }.filter(\.names.isPattern)
            .sorted { ($1.names.text.utf8.count, $0.names.text) < ($0.names.text.utf8.count, $1.names.text) }
        names =
            patterns.isEmpty
            ? self.aliases : self.aliases.merging(aliases.values.map { ($0, $0) }) { alias, _ in alias }
    }

    /// The model that serves requests for `asked`: the target of the alias with this name, else of the longest pattern that
    /// matches it, else `asked` itself. A model that any alias means keeps its name.
    package func served(_ asked: String) -> String {
        if let target = names[asked] { return target }
        return patterns.isEmpty ? asked : pattern(of: asked)?.target ?? asked
    }

    /// The alias by which `asked` is served, as the configuration writes it; nil where it is a model's own name.
    func alias(of asked: String) -> String? {
        guard let target = names[asked] else { return pattern(of: asked)?.names.text }
        return target == asked ? nil : asked
    }

    /// Those of `models` that no request can ask for, since a pattern gives their names to another model: in order, by the pattern.
    package func hidden(among models: some Sequence<String>) -> [String: [String]] {
        let hidden = Set(models).sorted().filter { served($0) != $0 && aliases[$0] == nil }
        return Dictionary(grouping: hidden) { alias(of: $0) ?? "" }
    }

    private func pattern(of asked: String) -> Pattern? { patterns.first { $0.names.matches(asked) } }
}
