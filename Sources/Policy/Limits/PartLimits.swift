/// The limits of a tier for parts of its requests.
final class PartLimits: Sendable {
    /// The limits of an entry of `per_model`.
    struct Entry: Sendable {
        /// The name or pattern as written.
        let name: String
        let limits: TierLimits
    }

    /// The entries for models, ordered by their names.
    let models: [Entry]
    /// The limits of each user; nil without any.
    let user: TierLimits?
    /// The places in `models` by name.
    private let exact: [String: Int]
    /// The patterns, the longest first, with the places of their entries.
    private let patterns: [(pattern: NamePattern, place: Int)]

    /// The limits of `tier`; nil without any.
    init?(_ tier: Tier) {
        guard !tier.perModel.isEmpty || !tier.perUser.isEmpty else { return nil }
        let models = tier.perModel.sorted { $0.key < $1.key }.map {
            Entry(name: $0.key, limits: TierLimits(tier.part($0.value)))
        }
        self.models = models
        user = tier.perUser.isEmpty ? nil : TierLimits(tier.part(tier.perUser))
        let places = models.indices.map { (models[$0].name, $0) }
        exact = Dictionary(uniqueKeysWithValues: places)
        patterns = places.filter { $0.0.contains("*") }.map { (NamePattern($0.0), $0.1) }.sorted {
            ($1.pattern.text.utf8.count, $0.pattern.text) < ($0.pattern.text.utf8.count, $1.pattern.text)
        }
    }

    /// The entry with the name `name`.
    subscript(name: String) -> Entry? { exact[name].map { models[$0] } }

    /// The one entry that holds for `model`: that with its name, else the longest pattern that matches it.
    func entry(for model: String) -> Entry? {
        self[model] ?? patterns.first { $0.pattern.matches(model) }.map { models[$0.place] }
    }

    /// True where a limit is per minute.
    var limitMinutes: Bool { models.contains { $0.limits.limitMinutes } || user?.limitMinutes == true }
}
