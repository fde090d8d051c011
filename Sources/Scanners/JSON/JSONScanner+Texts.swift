import Bytes

/// The decoded bytes of keys and captured values: as a range of the piece where it holds all of them as they are, else
/// gathered in `held`, never more than the limit.
extension JSONScanner {
    /// The token is over, and what was held of it.
    @inline(__always)
    mutating func endToken() {
        keepsText = false
        if isHeld {
            held.removeAll(keepingCapacity: true)
            isHeld = false
        }
    }

    /// The token is longer than what is wanted of it.
    mutating func giveUpText() {
        endToken()
    }

    /// Holds what the run has before `index`.
    mutating func hold(_ bytes: Span<UInt8>, upTo index: Int) {
        let run = runStart - base..<index
        guard held.count + run.count <= heldLimit else { return giveUpText() }
        isHeld = true
        held.append(run, of: bytes)
    }

    /// The piece ends in the middle of a token: holds what it has of it.
    mutating func holdRest(of bytes: Span<UInt8>) {
        switch state {
        case .escape, .codeUnit, .highSurrogate, .escapeBehindHighSurrogate: return
        default: break
        }
        hold(bytes, upTo: bytes.count)
        runStart = base + bytes.count
    }

    /// The token ends before `index`: keeps its text for the watches it matches.
    mutating func capture(_ bytes: Span<UInt8>, upTo index: Int) {
        if keepsText, isHeld { hold(bytes, upTo: index) }
        guard keepsText else { return }
        if isHeld {
            // Taken out, so that its span does not bar the way to the rest of the scanner.
            var text: [UInt8] = []
            swap(&text, &held)
            keep(text.span)
            swap(&text, &held)
        } else {
            keep(bytes.extracting(unchecked: runStart &- base..<index))
        }
    }

    private mutating func keep(_ text: Span<UInt8>) {
        guard text.count <= list.captureLimit else { return }
        var rest = matched
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            if slots[index].room < text.count {
                if texts.isEmpty { texts.reserveCapacity(256) }
                slots[index].roomStart = texts.count
                texts.append(0..<text.count, of: text)
                // Grown by doubling, so that the rooms given up are no more than the last one.
                var room = 16
                while room < text.count { room &*= 2 }
                slots[index].room = Swift.min(room, list.captureLimit)
                texts.append(contentsOf: repeatElement(0, count: slots[index].room - text.count))
            } else {
                var position = slots[index].roomStart
                for offset in 0..<text.count {
                    texts[position] = text[unchecked: offset]
                    position &+= 1
                }
            }
            slots[index].textStart = slots[index].roomStart
            slots[index].textCount = text.count
        }
    }
}
