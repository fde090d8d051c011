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
    func modelFilter(_ answer: UpstreamAnswer, _ route: MatchedRoute) -> ModelFilter? {
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
        do throws(ClientError) {
            body = try await answer.readPlainBody(limit: snapshot.options.bodyBytes)
        } catch {
            settle(status: 502, .upstreamInterrupted)
            return await answerWithError(.upstreamProtocol)
        }
        let shown = ModelList.filtered(body, allows: filter.allows, aliases: filter.aliases) ?? body
        record?.responseBytes = Int64(shown.count)
        settle(status: answer.head.status, .complete, isWhole: true)
        startAnswer(answer.head, length: shown.count, of: nil)
        exchange.write(shown.span)
        exchange.finish()
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    /// Sends an error of the gateway's own, after the row was settled.
    @inline(never)
    func answerWithError(_ error: APIError) async {
        let answer = ServerAnswer(status: error.status, fields: snapshot.fields(of: error, id: id), body: error.body())
        do throws(ExchangeError) { try await exchange.respond(answer) } catch { return }
    }
}

extension ClientExchange {
    /// The whole body, which was asked for uncompressed: what cannot be read cannot be judged either.
    func readPlainBody(limit: Int) async throws(ClientError) -> [UInt8] {
        if let coding = head.fields.first("content-encoding"), !head.fields.equals(coding, "identity") {
            throw .truncated
        }
        var body: [UInt8] = []
        while try await readBody(
            watching: nil, { piece in piece.withUnsafeBufferPointer { body.append(contentsOf: $0) } }) != .end
        {
            guard body.count <= limit else { throw .truncated }
        }
        return body
    }
}
