import Bytes

extension RequestMetadata {
    /// The changes to the body before it goes upstream.
    ///
    /// - Parameters:
    ///   - servedModel: The target of the alias that the client names; nil keeps the model.
    ///   - askForUsage: Requests a stream's usage in any case. Other members of `stream_options` stay.
    ///   - outputBound: The bound of output tokens to write into a request that sets none; nil writes none.
    package func edits(servedModel: String?, askForUsage: Bool, outputBound: Int64? = nil) -> RequestEdits {
        var edits = RequestEdits()
        if let servedModel, let modelRange {
            var bytes: [UInt8] = []
            if isMultipart {
                bytes.append(contentsOf: servedModel.utf8)
            } else {
                JSONString.append(servedModel, to: &bytes)
            }
            edits.replace(modelRange, with: bytes)
        }
        if let outputBound {
            switch outputBoundPlace {
            case .none: break
            case .absent(let member, let place, let isEmpty):
                edits.insert("\"\(member)\":\(outputBound)", at: place, isOnlyMember: isEmpty)
            case .null(let range): edits.replace(range, with: Array(String(outputBound).utf8))
            }
        }
        guard askForUsage, !includeUsage else { return edits }
        switch streamOptions {
        case .none: break
        case .absent(let place, let isEmpty):
            edits.insert(#""stream_options":{"include_usage":true}"#, at: place, isOnlyMember: isEmpty)
        case .null(let range): edits.replace(range, with: Array(#"{"include_usage":true}"#.utf8))
        case .object(let place, let isEmpty):
            edits.insert(#""include_usage":true"#, at: place, isOnlyMember: isEmpty)
        case .member(let range): edits.replace(range, with: Array("true".utf8))
        }
        return edits
    }
}

extension RequestEdits {
    /// Inserts a member at the start of an object's content, with a comma after it unless it is the only one.
    fileprivate mutating func insert(_ member: String, at place: Int, isOnlyMember: Bool) {
        replace(place..<place, with: Array((isOnlyMember ? member : member + ",").utf8))
    }
}
