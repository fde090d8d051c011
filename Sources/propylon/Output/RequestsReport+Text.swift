import Admin

extension RequestsReport {
    /// The report as a table. Ids are short: `propylon requests cancel` takes them as they are.
    var text: String {
        guard !requests.isEmpty else { return "No request is in flight.\n" }
        var table = TextTable([
            ("ID", .left), ("KEY", .left), ("USER", .left), ("MODEL", .left), ("ENDPOINT", .left), ("STATE", .left),
            ("AGE", .right), ("TOKENS", .right), ("TOKENS/S", .right),
        ])
        for request in requests {
            table.add([
                request.shortID, request.keyName ?? "-", request.user ?? "-", request.model ?? "-",
                request.endpoint ?? "-", request.state.rawValue,
                TimeText.age(Int64(exactly: request.ageSeconds.rounded(.down)) ?? 0),
                String(request.completionTokens ?? 0), request.tokensPerSecond.map { "\($0)" } ?? "-",
            ])
        }
        return table.text
    }
}
