import OpenAIAPI
import Policy
import Settings

/// The checks of names of models and endpoints against those that exist. All are warnings: the vendor may have newer models.
struct ModelReview {
    private let configuration: Configuration
    private let places: MemberPlaces

    init(_ configuration: Configuration, _ places: MemberPlaces) {
        self.configuration = configuration
        self.places = places
    }

    /// A warning for each name, and for each pattern without a match.
    var issues: [ConfigurationIssue] {
        let endpoints = Set(Endpoint.allCases.map(\.name))
        var issues: [ConfigurationIssue?] = []
        for tier in configuration.tiers.all {
            for (index, pattern) in (tier.endpoints ?? []).enumerated() {
                issues.append(issue("endpoint", pattern, "tiers.\(tier.name).endpoints[\(index)]", among: endpoints))
            }
        }
        // Models of other upstreams stand in no catalogue.
        if configuration.upstream.baseURL.isVendor { issues += tierIssues + tableIssues }
        return issues.compactMap(\.self)
    }

    private var tierIssues: [ConfigurationIssue?] {
        let aliases = configuration.models.aliases
        let served = configuration.knownModels
        return configuration.tiers.all.flatMap { tier in
            (tier.models ?? []).enumerated().map { index, pattern in
                issue("model", pattern, "tiers.\(tier.name).models[\(index)]", among: served)
            }
                + tier.perModel.keys.filter { aliases[$0] == nil }.sorted().map { name in
                    issue("model", name, "tiers.\(tier.name).per_model", among: served)
                }
        }
    }

    private var tableIssues: [ConfigurationIssue?] {
        let models = configuration.models
        return models.aliases.sorted { $0.key < $1.key }.map { alias, target in
            issue("model", NamePattern(target), "models.aliases.\(alias)", among: configuration.knownModels)
        }
            + models.prices.models.keys.sorted().map { issue("model", $0, "models.prices", among: ModelCatalogue.ids) }
            + models.energyOverrides.keys.sorted().map {
                issue("model", $0, "models.energy_kwh_per_million_tokens", among: ModelCatalogue.ids)
            }
    }

    /// The warning about the member `name` of the table at `path`.
    private func issue(_ kind: String, _ name: String, _ path: String, among known: Set<String>) -> ConfigurationIssue?
    {
        issue(kind, NamePattern(name), "\(path).\(name)", isOfName: true, among: known)
    }

    /// The warning about a name, or about a pattern that matches none of `known`.
    private func issue(
        _ kind: String, _ pattern: NamePattern, _ path: String, isOfName: Bool = false, among known: Set<String>
    ) -> ConfigurationIssue? {
        guard !known.contains(where: pattern.matches) else { return nil }
        // Families of models, as `gpt-oss:*`.
        let families = pattern.isPattern ? known.map { name in "\(name.prefix { $0 != ":" }):*" } : []
        let message = pattern.isPattern ? "matches no \(kind) that is known" : "is no \(kind) that is known"
        return places.issue(
            .warning, at: path, isOfName: isOfName, "\"\(pattern.text)\" \(message)",
            suggestion: Suggestion.nearest(to: pattern.text, among: (families + known).sorted()))
    }
}
