import Bytes

extension RequestMetadata {
    /// The changes to the body before it goes upstream.
    ///
    /// - Parameters:
    ///   - servedModel: The model to name upstream: the target of an alias, or the model of the path. A body without one gets it
    ///     where `RequestScanner` was told that the path names it. Nil keeps the body's.
    ///   - askForUsage: Requests a stream's usage in any case. Other members of `stream_options` stay.
    ///   - outputBound: The bound of output tokens to write into a request that sets none; nil writes none.
    package func edits(servedModel: String?, askForUsage: Bool, outputBound: Int64? = nil) -> RequestEdits {
        var edits = RequestEdits()
        // Members are inserted at one place, the start of the object.
        var members = InsertedMembers()
        if let servedModel, servedModel != model { name(servedModel, in: &edits, &members) }
        if let outputBound {
            switch outputBoundPlace {
            case .none: break
            case .absent(let member, let place, let isEmpty):
                members.insert(Array("\"\(member)\":\(outputBound)".utf8), at: place, isEmpty)
            case .null(let range): edits.replace(range, with: Array(String(outputBound).utf8))
            }
        }
        if askForUsage, !includeUsage { requestUsage(&edits, &members) }
        members.write(to: &edits)
        return edits
    }

    private func name(_ servedModel: String, in edits: inout RequestEdits, _ members: inout InsertedMembers) {
        if let modelRange {
            return edits.replace(modelRange, with: isMultipart ? Array(servedModel.utf8) : Self.json(servedModel))
        }
        switch modelPlace {
        case .none: break
        case .member(let place, let isEmpty):
            members.insert(Array("\"model\":".utf8) + Self.json(servedModel), at: place, isEmpty)
        case .part(let place, let boundary):
            var part: [UInt8] = []
            part.append("--")
            part += boundary
            part.append("\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n")
            part += servedModel.utf8
            part.append("\r\n")
            edits.replace(place..<place, with: part)
        }
    }

    private static func json(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONString.append(text, to: &bytes)
        return bytes
    }

    private func requestUsage(_ edits: inout RequestEdits, _ members: inout InsertedMembers) {
        switch streamOptions {
        case .none: break
        case .absent(let place, let isEmpty):
            members.insert(Array(#""stream_options":{"include_usage":true}"#.utf8), at: place, isEmpty)
        case .null(let range): edits.replace(range, with: Array(#"{"include_usage":true}"#.utf8))
        case .object(let place, let isEmpty):
            var option = InsertedMembers()
            option.insert(Array(#""include_usage":true"#.utf8), at: place, isEmpty)
            option.write(to: &edits)
        case .member(let range): edits.replace(range, with: Array("true".utf8))
        }
    }
}

/// Members that are inserted at the start of one object's content.
private struct InsertedMembers {
    private var bytes: [UInt8] = []
    private var place = 0
    private var isAlone = true

    /// Adds `member`. `isEmpty` is true for an object without other members.
    mutating func insert(_ member: [UInt8], at place: Int, _ isEmpty: Bool) {
        if bytes.isEmpty { bytes = member } else { bytes += [ASCII.comma] + member }
        self.place = place
        isAlone = isEmpty
    }

    consuming func write(to edits: inout RequestEdits) {
        guard !bytes.isEmpty else { return }
        if !isAlone { bytes.append(ASCII.comma) }
        edits.replace(place..<place, with: bytes)
    }
}
