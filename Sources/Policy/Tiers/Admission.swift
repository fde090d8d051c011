/// Why a request is not admitted.
package enum AdmissionRefusal: Error, Equatable, Sendable {
    /// The key, or its tier, may not use the model.
    case modelNotAllowed
    /// The key, or its tier, may only use some models, and which one the request is for cannot be told.
    case modelNotNamed
    /// The tier may not use the endpoint, or the configuration does not have the tier any more.
    case endpointNotAllowed
}

extension Policies {
    /// Whether a request may go upstream: the one place that decides.
    ///
    /// - Parameters:
    ///   - endpoint: the endpoint, as `chat/completions`.
    ///   - model: the model as the caller named it. Without one (lists, files, a transcription that leaves the choice
    ///     to the upstream) the endpoint alone decides,
    ///   - mayUseAnyModel: unless the request may use any model without naming it where it can be seen.
    /// - Throws: `AdmissionRefusal` for the first thing that is not allowed. A key whose tier is gone may do nothing.
    package func admit(
        _ key: KeyRecord, endpoint: String, model: String?, mayUseAnyModel: Bool = false
    ) throws(AdmissionRefusal) {
        guard let tier = tier(of: key), tier.allows(endpoint: endpoint) else { throw .endpointNotAllowed }
        if let model {
            if !allows(key, in: tier, model: model) { throw .modelNotAllowed }
        } else if mayUseAnyModel, tier.models != nil || key.modelPatterns != nil {
            throw .modelNotNamed
        }
    }

    /// Whether `key` may use `model`, an alias or a model's own name.
    ///
    /// An alias may be used where its target may, or where a list names the alias itself, without a `*`: a pattern that
    /// happens to match an alias does not open the model behind it.
    package func allows(_ key: KeyRecord, model: String) -> Bool {
        guard let tier = tier(of: key) else { return false }
        return allows(key, in: tier, model: model)
    }

    private func allows(_ key: KeyRecord, in tier: Tier, model: String) -> Bool {
        guard tier.models != nil || key.modelPatterns != nil else { return true }
        let served = models.served(model)
        func isListed(in patterns: [NamePattern]?) -> Bool {
            patterns?.contains { $0.matches(served) || $0.text == model } ?? true
        }
        return isListed(in: tier.models) && isListed(in: key.modelPatterns)
    }
}
