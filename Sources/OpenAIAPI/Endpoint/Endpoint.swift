/// Facts of an endpoint that other rooms ask for. Each is one read of a static table.
extension Endpoint {
    /// The way in which a request's body is read.
    package enum BodyKind: Sendable {
        /// One JSON object, even without a content type that says so.
        case json
        /// `multipart/form-data`; JSON if the content type says so.
        case multipart
        /// JSON if the content type says so, read for its `model` and `stream` only; else forwarded unread.
        case jsonWhereDeclared
        /// Forwarded unread.
        case opaque
    }

    /// The index in `allCases`.
    package var ordinal: Int { rawValue }

    /// The name in tiers, in the ledger and in metrics, for example `chat/completions`.
    package var name: String { EndpointTraits.table[rawValue].name }

    /// The first of its paths.
    package var path: StaticString { EndpointTraits.table[rawValue].paths[0].pattern }

    /// The API that the endpoint belongs to, where that is not OpenAI's of chat completions.
    package var dialect: Dialect? { EndpointTraits.table[rawValue].dialect }

    /// Counts the input of a request that is not made.
    package var onlyCounts: Bool { dialect != nil && billing == .free }

    /// The quantities that a response is billed by.
    package var billing: Billing { EndpointTraits.table[rawValue].billing }

    /// The way in which a request's body is read.
    package var bodyKind: BodyKind { EndpointTraits.table[rawValue].body }

    /// The member that bounds the output; of several the one that is not deprecated. Nil where none is known.
    package var outputBound: String? { EndpointTraits.table[rawValue].request.outputBounds.first }

    /// Accepts files in the body, so that the larger limit of uploads applies.
    package var takesUploads: Bool { bodyKind == .multipart }

    /// Accepts requests without a body.
    var mayHaveNoBody: Bool { EndpointTraits.table[rawValue].mayHaveNoBody }

    /// Refuses requests without a `model` in the body.
    package var needsModel: Bool { EndpointTraits.table[rawValue].model == .requiredMember }

    /// Reads the model from the body, where it is required or optional.
    var namesModelInBody: Bool {
        switch EndpointTraits.table[rawValue].model {
        case .requiredMember, .optionalMember: true
        case .path, .query, .lines, .unseen: false
        }
    }

    /// Reads the model from the query, as in `/v1/realtime?model=…`.
    package var namesModelInQuery: Bool { EndpointTraits.table[rawValue].model == .query }

    /// Returns true if a request that names no visible model may reach any of them.
    ///
    /// - Parameter isWrite: true for methods that may change something; reading reaches no model.
    package func mayUseAnyModel(isWrite: Bool) -> Bool {
        switch EndpointTraits.table[rawValue].model {
        case .query: true
        case .unseen: isWrite
        case .requiredMember, .optionalMember, .path, .lines: false
        }
    }

    /// Allows one repetition of a request with an idempotent method.
    package var repeatsIdempotentMethods: Bool { EndpointTraits.table[rawValue].repeatsIdempotentMethods }

    /// Concerns nothing that an upstream keeps, so that another upstream of the same API can serve the request.
    package var mayFallBack: Bool {
        let traits = EndpointTraits.table[rawValue]
        return traits.resource == nil && !traits.keepsResponses && traits.billing != .unknown
            && traits.billing != .connectionMinutes
    }

    /// The kind of resource that the endpoint creates and lists.
    package var resourceKind: ResourceKind? { EndpointTraits.table[rawValue].resource }

    /// States a stream's usage if `stream_options.include_usage` requests it.
    package var streamsUsage: Bool { EndpointTraits.table[rawValue].response.streamsUsage }

    /// Responds with text that a model writes, within the bound that the request sets.
    package var writesText: Bool { EndpointTraits.table[rawValue].response.writesText }
}
