package dev.millrace.model;

/** A model of χ(k), forwards from geometry or backwards to a distance. */
public sealed interface ChiModel extends TrainableModel permits PathChiModel, AtomChiModel, ShellDistanceModel {
    /** What it was built with. */
    ChiModelConfig config();
}
