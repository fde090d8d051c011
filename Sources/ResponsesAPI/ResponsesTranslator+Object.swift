import Bytes
import OpenAIAPI

/// The status of a response.
enum ResponsesStatus: Equatable {
    case inProgress, completed
    case incomplete(reason: String)
    case failed(UpstreamError)

    fileprivate var text: StaticString {
        switch self {
        case .inProgress: "in_progress"
        case .completed: "completed"
        case .incomplete: "incomplete"
        case .failed: "failed"
        }
    }
}

/// The object that states a response whole.
extension ResponsesTranslator {
    /// - Parameter completedAt: seconds since 1970; nil for a response that is not complete.
    func object(_ status: ResponsesStatus, completedAt: Int64?) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(echo.count + items.count + 512)
        output.append(#"{"id":"resp_"#)
        output.append(contentsOf: context.id.utf8)
        output.append(#"","object":"response","created_at":"#)
        output.appendDecimal(context.createdAt)
        output.append(#","status":""#)
        output.append(status.text)
        output.append(#"","completed_at":"#)
        if let completedAt, status == .completed { output.appendDecimal(completedAt) } else { output.append("null") }
        appendEnd(status, to: &output)
        output.append(#","model":""#)
        output.append(contentsOf: reader.model ?? requestedModel)
        output.append(#"","output":["#)
        output.append(contentsOf: items)
        output.append(#"],"usage":"#)
        if status == .inProgress { output.append("null") } else { append(reader.usage, to: &output) }
        output.append(ASCII.comma)
        output.append(contentsOf: echo)
        output.append(ASCII.closingBrace)
        return output
    }

    private func appendEnd(_ status: ResponsesStatus, to output: inout [UInt8]) {
        output.append(#","error":"#)
        if case .failed(let error) = status {
            output.append(#"{"code":"#)
            JSONString.append(error.responseCode, to: &output)
            output.append(#","message":"#)
            JSONString.append(error.message, to: &output)
            output.append(ASCII.closingBrace)
        } else {
            output.append("null")
        }
        output.append(#","incomplete_details":"#)
        if case .incomplete(let reason) = status {
            output.append(#"{"reason":"#)
            JSONString.append(reason, to: &output)
            output.append(ASCII.closingBrace)
        } else {
            output.append("null")
        }
    }

    private func append(_ usage: UpstreamUsage?, to output: inout [UInt8]) {
        guard let usage else { return output.append("null") }
        output.append(#"{"input_tokens":"#)
        output.appendDecimal(usage.promptTokens)
        output.append(#","input_tokens_details":{"cached_tokens":"#)
        output.appendDecimal(usage.cachedTokens)
        output.append(#","cache_write_tokens":0},"output_tokens":"#)
        output.appendDecimal(usage.completionTokens)
        output.append(#","output_tokens_details":{"reasoning_tokens":"#)
        output.appendDecimal(usage.reasoningTokens)
        output.append(#"},"total_tokens":"#)
        output.appendDecimal(usage.promptTokens.addingSaturated(usage.completionTokens))
        output.append(ASCII.closingBrace)
    }
}

extension UpstreamError {
    /// `error.code` of a failed response. Agents branch on it: they compact, wait, or try again.
    fileprivate var responseCode: String {
        if isContextOverflow { return "context_length_exceeded" }
        let isRate = status == 429 || type == "rate_limit_error"
        guard let status, !isRate else { return code ?? (isRate ? "rate_limit_exceeded" : "server_error") }
        return status < 500 ? code ?? "invalid_prompt" : "server_error"
    }
}
