/// The events of a streamed generation, made one at a time.
///
/// The order is: role and called function of each choice (chat only), the tokens of all choices in turn, the end of each choice,
/// the usage if requested, `[DONE]`.
struct EventSource: Sendable {
    private let writer: GenerationWriter
    private let generation: Generation
    private let behaviour: Behaviour
    private let includesUsage: Bool
    private let leadCount: Int
    private let tokenCount: Int
    /// All events that have a choice.
    private let choiceEvents: Int
    private let eventCount: Int
    private var index = 0
    private var owesPause = false
    private var isOver = false

    /// Bytes of one step, if there is no pause between events.
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

    /// The number of the first event that a fault replaces.
    private var half: Int { choiceEvents / 2 }

    /// Sent tokens of all choices: fewer than generated if a fault ends the stream early.
    var sentTokens: Int {
        guard behaviour.breakingStep != nil || behaviour.fault == .errorEvent else {
            return tokenCount
        }
        return min(max(half - leadCount, 0), tokenCount)
    }

    mutating func next() -> SandboxResponse.Step? {
        guard !isOver, index < eventCount else { return nil }
        if index == half, let step = behaviour.breakingStep {
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
            && !(index == half && behaviour.breakingStep != nil)
        return .bytes(json.bytes)
    }

    private mutating func appendNext(to json: inout JSONOutput) {
        defer { index += 1 }
        if index == half, behaviour.fault == .errorEvent {
            json.raw("data: ")
            SandboxError.requested(500).appendObject(to: &json)
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
