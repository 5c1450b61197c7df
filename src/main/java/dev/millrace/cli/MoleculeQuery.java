package dev.millrace.cli;

import dev.millrace.graph.Graph;
import org.jspecify.annotations.Nullable;

/** A molecule to predict for. */
record MoleculeQuery(String name, @Nullable String smiles, Graph graph) {}
