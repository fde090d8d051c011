import Bytes

extension RequestMetadata {
    /// What has to change in the body before it goes upstream.
    ///
    /// - Parameters:
    ///   - servedModel: the model to name in the place of the caller's alias; nil where it stays.
    ///   - askForUsage: whether a stream's usage is to be asked for, whatever the caller asks. Every other member of
    ///     `stream_options` stays.
    ///   - outputBound: the `max_tokens` to write into a request that names no bound; nil where it stays as it is.
    package func edits(servedModel: String?, askForUsage: Bool, outputBound: Int64? = nil) -> RequestEdits {
        var edits = RequestEdits()
        if let servedModel, let modelRange {
            if isMultipart {
                edits.replace(modelRange, with: Array(servedModel.utf8))
            } else {
                var quoted: [UInt8] = []
                JSONString.append(servedModel, to: &quoted)
                edits.replace(modelRange, with: quoted)
            }
        }
        if let outputBound {
            switch outputBoundPlace {
            case .none: break
            case .absent(let place, let isEmpty):
                edits.replace(place..<place, with: Array("\"max_tokens\":\(outputBound)\(isEmpty ? "" : ",")".utf8))
            case .null(let range): edits.replace(range, with: Array(String(outputBound).utf8))
            }
        }
        guard askForUsage, !includeUsage else { return edits }
        switch streamOptions {
        case .none: break
        case .absent(let place, let isEmpty):
            edits.replace(
                place..<place, with: Array((#""stream_options":{"include_usage":true}"# + (isEmpty ? "" : ",")).utf8))
        case .null(let range): edits.replace(range, with: Array(#"{"include_usage":true}"#.utf8))
        case .object(let place, let isEmpty):
            edits.replace(place..<place, with: Array((#""include_usage":true"# + (isEmpty ? "" : ",")).utf8))
        case .member(let range): edits.replace(range, with: Array("true".utf8))
        }
        return edits
    }
}
