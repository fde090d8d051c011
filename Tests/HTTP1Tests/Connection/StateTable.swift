/// A table of a state machine, as text: a row for each event, a column for each state. A cell holds the action, and the
/// new state after `>` where it changes.
struct StateTable: Sendable {
    /// One cell: an event in a state.
    struct Cell: Sendable, CustomStringConvertible {
        let state: String
        let event: String
        let action: String
        let next: String

        var description: String { "\(event) in \(state)" }
    }

    let states: [String]
    let events: [String]
    let cells: [Cell]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.split(separator: " ").joined(separator: " ")
            }
        }
        let states = Array(lines[0].dropFirst())
        self.states = states
        events = lines.dropFirst().map { $0[0] }
        cells = lines.dropFirst().flatMap { line in
            precondition(line.count == states.count + 1, "a cell is missing: \(line[0])")
            return zip(states, line.dropFirst()).map { state, cell in
                let parts = cell.split(separator: " > ").map(String.init)
                return Cell(
                    state: state, event: line[0], action: parts[0], next: parts.count > 1 ? parts[1] : state)
            }
        }
    }
}
