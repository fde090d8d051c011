/// Billing, and `GET /sandbox/usage`, which shows the bill to those who compare it with their own.
extension SandboxUpstream {
    /// Payers with a bill of their own; later ones share a bill without a name.
    private static let payerLimit = 10_000

    /// The usage so far, by payer.
    package var totals: [SandboxPayer: SandboxUsage] { billed.withLock { $0 } }

    /// The usage of all payers so far.
    package var total: SandboxUsage { totals.values.reduce(SandboxUsage(), +) }

    /// Adds the usage of one response to the bill, unless its head is never sent.
    func bill(_ usage: SandboxUsage, _ call: Call, model: String, _ behaviour: Behaviour) {
        guard behaviour.fault != .stallBefore, behaviour.fault != .cutBefore else { return }
        var usage = usage
        usage.requests = 1
        var payer = SandboxPayer(authorization: call.request.authorization ?? "", model: model, isBatch: call.isBatch)
        billed.withLock { totals in
            if totals.count >= Self.payerLimit, totals[payer] == nil {
                payer = SandboxPayer(authorization: "", model: "", isBatch: call.isBatch)
            }
            totals[payer, default: SandboxUsage()] = totals[payer, default: SandboxUsage()] + usage
        }
    }

    func showUsage(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let rows = totals.sorted { ($0.key.model, $0.key.isBatch ? 1 : 0) < ($1.key.model, $1.key.isBatch ? 1 : 0) }
            .map { payer, usage in
                let counts: [(String, Int)] = [
                    ("requests", usage.requests), ("prompt_tokens", usage.promptTokens),
                    ("completion_tokens", usage.completionTokens), ("reasoning_tokens", usage.reasoningTokens),
                    ("cached_tokens", usage.cachedTokens),
                    ("search_units", usage.searchUnits), ("audio_milliseconds", usage.audioMilliseconds),
                    ("characters", usage.characters), ("images", usage.images),
                ]
                return JSONValue.object(
                    [("model", .string(payer.model)), ("is_batch", .bool(payer.isBatch))]
                        + counts.map { ($0.0, .number(String($0.1))) })
            }
        return deliver(.object([("object", .string("list")), ("data", .array(rows))]), call)
    }
}
