import MessagesAPI
import OpenAIAPI
import ResponsesAPI
import Transport

extension RequestPipeline {
    /// Makes a request for a chat completion of one of another API. From here on it is admitted, edited, sent and billed as if the
    /// client had sent that.
    @inline(never)
    func translate(_ body: BodyStore, from dialect: Dialect, _ route: MatchedRoute) throws(RequestFailure) {
        let original: [UInt8]
        do throws(SystemError) { original = try body.whole() } catch { throw .storeUnavailable }
        let scanner = try requestScanner(route, exchange.head.fields)
        do throws(APIError) {
            let translated = try dialect.translated(original, translationContext)
            try translated.pieces.forEachSpan(of: original) { bytes throws(APIError) in try scanner.scan(bytes) }
            details.metadata = try scanner.finish()
            body.replace(by: translated.pieces)
            details.translation = ResponseTranslation(translated, secrets: snapshot.secrets, clock: gateway.clock)
        } catch { throw .refused(error) }
    }

    private var translationContext: TranslationContext {
        TranslationContext(
            id: details.id.description, createdAt: details.startedAt.seconds,
            readers: snapshot.eventReaders(on: exchange.loop))
    }

    /// The outcome of a translated request that only counts its input; nil for every other one.
    ///
    /// The count is an estimate, without a request to the upstream.
    @inline(never)
    func inputCount(_ route: MatchedRoute) -> Outcome? {
        guard let dialect = route.dialect, route.endpoint.onlyCounts, let metadata = details.metadata else {
            return nil
        }
        return Outcome(
            status: 200, .complete, .complete(status: 200, ResponseCounters()),
            .answer(dialect.countBody(metadata.counters.estimatedInputTokens)))
    }
}

extension Dialect {
    fileprivate func translated(
        _ body: [UInt8], _ context: TranslationContext
    ) throws(APIError) -> TranslatedRequest {
        switch self {
        case .responses: try ResponsesRequest.translated(body, context)
        case .messages: try MessagesRequest.translated(body, context)
        }
    }

    fileprivate func countBody(_ tokens: Int64) -> [UInt8] {
        switch self {
        case .responses: ResponsesRequest.countBody(tokens)
        case .messages: MessagesRequest.countBody(tokens)
        }
    }
}
