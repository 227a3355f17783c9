# wasmpack_manuals(command)
# Manual pages and completions, made by the command when it was built, installed to share/.
function(wasmpack_manuals command)
  set(folder "${CMAKE_BINARY_DIR}/share")
  set(stamp "${CMAKE_BINARY_DIR}/share.stamp")
  set(script "${PROJECT_SOURCE_DIR}/cmake/MakeManuals.cmake")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND "${CMAKE_COMMAND}" "-DCOMMAND=$<TARGET_FILE:${command}>" "-DFOLDER=${folder}" -P "${script}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${command} "${script}" VERBATIM)
  add_custom_target(manuals ALL DEPENDS "${stamp}")
  add_dependencies(programs manuals)
  install(DIRECTORY "${folder}/" DESTINATION "${CMAKE_INSTALL_DATADIR}")
endfunction()
