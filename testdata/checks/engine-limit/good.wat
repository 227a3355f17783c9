(module
  (table 0 funcref)
  (table 1 funcref)
  (table 2 funcref)
  (table 3 funcref)
  (table 4 funcref)
)
