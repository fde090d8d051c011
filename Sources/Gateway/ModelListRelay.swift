import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

extension RequestPassage {
    /// What of the model list the caller may see.
    struct ModelFilter {
        let allows: (String) -> Bool
        let aliases: [(alias: String, target: String)]
    }

    /// A filter for the answer to `GET /v1/models`; nil for every other answer.
    @inline(never)
    func modelFilter(_ answer: UpstreamResponse, _ route: MatchedRoute) -> ModelFilter? {
        guard route.endpoint == .models, modelInPath(route) == nil, answer.exchange.head.status == 200,
            RequestMethod(exchange.head) != .head, let record, let key = gateway.keys.keys[record.keyID]
        else { return nil }
        let policies = snapshot.policies
        return ModelFilter(
            allows: { policies.allows(key, model: $0) },
            aliases: policies.models.aliases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// Reads the list to its end and sends on what the caller may use, aliases included. What is no such list passes as it is.
    @inline(never)
    func relayModelList(_ answer: ClientExchange, _ filter: ModelFilter) async {
        let body: [UInt8]
        do throws(Departure) {
            body = try await wholeBody(of: answer, limit: snapshot.options.bodyBytes)
        } catch { return await depart(error) }
        let shown = ModelList.filtered(body, allows: filter.allows, aliases: filter.aliases) ?? body
        await send(shown, as: answer.head)
    }

    /// Settles, and sends `body` under the upstream's head.
    @inline(never)
    func send(_ body: [UInt8], as head: ResponseHead, of view: ResponseTransform? = nil) async {
        record?.responseBytes = Int64(body.count)
        settle(status: head.status, .complete, of: view, isWhole: true)
        startAnswer(head, length: body.count, of: view)
        exchange.write(body)
        exchange.finish()
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    /// Ends a request whose answer cannot be relayed. Nothing of it has been sent.
    @inline(never)
    func depart(_ departure: Departure) async {
        switch departure {
        case .clientGone: settle(status: 499, .clientGone)
        case .refused(let error, let ending):
            settle(status: error.status, ending)
            await answerWithError(error)
        }
    }

    /// The whole answer, which was asked for as it is: what is compressed all the same could not be read, and is refused.
    @inline(never)
    func wholeBody(of answer: ClientExchange, limit: Int) async throws(Departure) -> [UInt8] {
        do throws(ClientError) {
            return try await answer.readPlainBody(limit: limit)
        } catch { throw departure(.of(error)) }
    }

    /// Sends an error of the gateway's own, after the row was settled.
    @inline(never)
    func answerWithError(_ error: APIError) async {
        let answer = ServerResponse(status: error.status, fields: fields(of: error), body: error.body())
        do throws(ExchangeError) { try await exchange.respond(answer) } catch { return }
    }
}

extension ClientExchange {
    /// The whole body of an answer that was asked for uncompressed.
    func readPlainBody(limit: Int) async throws(ClientError) -> [UInt8] {
        let fields = head.fields
        if let coding = fields.first("content-encoding"), !fields.equals(coding, "identity") { throw .truncated }
        return try await wholeBody(limit: limit)
    }
}
