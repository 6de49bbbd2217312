/** Thresholds were chosen on seeds 1 to 6 of both generators; these were not looked at before the thresholds stood. */
export const reported = { curves: 20_261_126, curvesEachKind: 30, services: 77_001, servicesCount: 400 }
