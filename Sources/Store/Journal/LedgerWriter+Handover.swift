import Policy

extension LedgerWriter {
    /// Commits all rows so far, and keeps further ones in the journal until `resume`. Blocks.
    ///
    /// Between the two calls a successor reads the ledger: the rows that it sees there and those that `resume` ships are then
    /// all rows, each once.
    /// - Returns: false where the database refuses; no record is held then.
    package func hold() -> Bool {
        queue.sync {
            guard drain() else { return false }
            batch.isHeld = true
            return true
        }
    }

    /// Commits rows again, after `hold`. Blocks.
    ///
    /// - Parameter shipment: Gets the records of each transaction before it is committed, from now on; nil for nobody. After a
    ///   refusal of the database it gets them again.
    package func resume(shipping shipment: (@Sendable ([UsageRecord]) -> Void)?) {
        queue.sync {
            batch.shipment = shipment
            batch.isHeld = false
            _ = drain()
        }
    }

    /// Ships no more records. Blocks.
    package func stopShipping() { queue.sync { batch.shipment = nil } }
}
