/// The reason to refuse a request.
package enum AdmissionRefusal: Error, Equatable, Sendable {
    /// The key, or its tier, may not use the model.
    case modelNotAllowed
    /// The key, or its tier, may use some models only, and the request does not say which one it uses.
    case modelNotNamed
    /// The tier may not use the endpoint.
    case endpointNotAllowed
    /// The configuration does not have the key's tier, which has this name.
    case tierUnknown(String)
}

extension Policies {
    /// Decides whether a request may go upstream. No other place decides it.
    ///
    /// - Parameters:
    ///   - endpoint: the endpoint, as `chat/completions`.
    ///   - model: the model that the client named; nil for lists, files, and transcriptions that leave the choice to the upstream.
    ///   - mayUseAnyModel: true for a request that can use any model without a name that the gateway sees.
    /// - Throws: the first right that is missing. A key whose tier is gone has none.
    package func admit(
        _ key: KeyRecord, endpoint: String, model: String?, mayUseAnyModel: Bool = false
    ) throws(AdmissionRefusal) {
        guard let tier = tier(of: key) else { throw .tierUnknown(key.tier) }
        guard tier.allows(endpoint: endpoint) else { throw .endpointNotAllowed }
        if let model {
            if !allows(key, in: tier, model: model) { throw .modelNotAllowed }
        } else if mayUseAnyModel, tier.models.isRestriction || key.modelPatterns.isRestriction {
            throw .modelNotNamed
        }
    }

    /// Returns true where `key` may use `model`, an alias or the name of a model.
    ///
    /// An alias is allowed with its target, or where a list has the name itself or the alias as the configuration writes it.
    /// Another pattern that happens to match an alias does not allow its target.
    package func allows(_ key: KeyRecord, model: String) -> Bool {
        guard let tier = tier(of: key) else { return false }
        return allows(key, in: tier, model: model)
    }

    private func allows(_ key: KeyRecord, in tier: Tier, model: String) -> Bool {
        guard tier.models.isRestriction || key.modelPatterns.isRestriction else { return true }
        let served = models.served(model)
        let alias = models.alias(of: model)
        func isListed(in patterns: [NamePattern]?) -> Bool {
            patterns?.contains { $0.matches(served) || $0.text == model || $0.text == alias } ?? true
        }
        return isListed(in: tier.models) && isListed(in: key.modelPatterns)
    }
}
