"""One process gives committed events their positions, grows the trees and signs checkpoints."""
