/// The events of a streamed generation, made one at a time.
///
/// In this order: for each choice who speaks (chat), and which function is called; the tokens, of all choices in turn; the end
/// of each choice; the totals where they are asked for; `[DONE]`.
struct EventSource: Sendable {
    private let writer: GenerationWriter
    private let generation: Generation
    private let behaviour: Behaviour
    private let includesUsage: Bool
    private let leadCount: Int
    private let tokenCount: Int
    /// Events of choices.
    private let choiceEvents: Int
    private let eventCount: Int
    private var index = 0
    private var owesPause = false
    private var isOver = false

    /// How many bytes go into one step where no pause parts the events.
    private static let stepSize = 16 * 1024

    init(_ writer: GenerationWriter, _ generation: Generation, _ behaviour: Behaviour, includesUsage: Bool) {
        self.writer = writer
        self.generation = generation
        self.behaviour = behaviour
        self.includesUsage = includesUsage && behaviour.usage == .standard
        let perChoice = writer.form == .text ? 0 : generation.toolCall == nil ? 1 : 2
        leadCount = perChoice * generation.choices
        tokenCount = generation.tokensPerChoice * generation.choices
        choiceEvents = leadCount + tokenCount + generation.choices
        eventCount = choiceEvents + (self.includesUsage ? 1 : 0) + (behaviour.fault == .noDone ? 0 : 1)
    }

    /// The event before which a fault happens.
    private var half: Int { choiceEvents / 2 }

    /// How many tokens are sent of all choices together: fewer than there are where a fault breaks the stream off.
    var sentTokens: Int {
        guard SandboxUpstream.breakingStep(behaviour) != nil || behaviour.fault == .errorEvent else {
            return tokenCount
        }
        return min(max(half - leadCount, 0), tokenCount)
    }

    mutating func next() -> SandboxAnswer.Step? {
        guard !isOver, index < eventCount else { return nil }
        if index == half, let step = SandboxUpstream.breakingStep(behaviour) {
            isOver = true
            return step
        }
        if behaviour.interval > .zero, index > 0 {
            owesPause.toggle()
            if owesPause { return .pause(behaviour.interval) }
        }
        var json = JSONOutput(capacity: behaviour.interval > .zero ? 320 : Self.stepSize + 512)
        repeat {
            appendNext(to: &json)
        } while !isOver && behaviour.interval == .zero && index < eventCount && json.bytes.count < Self.stepSize
            && !(index == half && SandboxUpstream.breakingStep(behaviour) != nil)
        return .bytes(json.bytes)
    }

    private mutating func appendNext(to json: inout JSONOutput) {
        defer { index += 1 }
        if index == half, behaviour.fault == .errorEvent {
            json.raw("data: ")
            SandboxRefusal.asked(500).appendObject(to: &json)
            json.raw("\n\n")
            isOver = true
        } else if index == half, behaviour.fault == .malformed {
            json.raw("data: {\"choices\":[{\"delta\":\n\n")
        } else if index < choiceEvents {
            appendChoiceEvent(to: &json)
        } else if index == choiceEvents, includesUsage {
            writer.appendUsageEvent(generation, hasBackend: behaviour.hasBodyIdentity, to: &json)
        } else {
            json.raw("data: [DONE]\n\n")
        }
    }

    private func appendChoiceEvent(to json: inout JSONOutput) {
        let delta: GenerationWriter.Delta
        var tokens = 0
        if index < leadCount {
            delta = index < generation.choices ? .role : .toolName
        } else if index < leadCount + tokenCount {
            tokens = (index - leadCount) / generation.choices
            delta = .token(tokens)
            tokens += 1
        } else {
            tokens = generation.tokensPerChoice
            delta = .finish
        }
        let choice = index < leadCount ? index % generation.choices : (index - leadCount) % generation.choices
        let usage: GenerationWriter.EventUsage
        switch behaviour.usage {
        case .standard: usage = includesUsage ? .null : .absent
        case .none: usage = .absent
        case .everyChunk: usage = .stated(tokens)
        case .lastChunk: usage = index == choiceEvents - 1 ? .stated(generation.tokensPerChoice) : .absent
        }
        writer.appendEvent(
            delta, choice: choice, of: generation,
            hasBackend: behaviour.hasBodyIdentity || behaviour.backend == .firstEvent && index == 0, usage: usage,
            to: &json)
    }
}
